/** Pretraining: next-token cross-entropy on plain text. */
package org.panamind.stage.pretrain;
