/** Supervised fine-tuning: next-token cross-entropy on the answers of conversations. */
package org.panamind.stage.sft;
