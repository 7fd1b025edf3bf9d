/**
 * Direct preference optimisation: {@link org.panamind.stage.dpo.DpoRun} states the loss, {@link
 * org.panamind.stage.dpo.ReferenceLogProbs} keeps what the reference says of each pair, {@link
 * org.panamind.stage.dpo.KnownPairs} keeps it on disk.
 */
package org.panamind.stage.dpo;
