/**
 * {@code host eval}: how good a model is on a file. {@link org.panamind.host.eval.EvalCommand}
 * reads the records once and measures by their kind: {@code Likelihood} (perplexity, bits per
 * byte), {@code Preference} (which of two answers it finds likelier), {@code Replies} (answers that
 * it gives itself, checked task by task). A {@code Report} prints them as a table and as JSON.
 */
package org.panamind.host.eval;
