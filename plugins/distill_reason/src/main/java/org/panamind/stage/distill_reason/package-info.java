/**
 * Distillation of reasoning: supervised fine-tuning on answers with a thinking block, in which the
 * tags of the blocks count more.
 */
package org.panamind.stage.distill_reason;
