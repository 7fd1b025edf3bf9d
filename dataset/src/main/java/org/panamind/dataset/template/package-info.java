/**
 * Chat templates in the part of Jinja2 that Hugging Face's {@code tokenizer_config.json} files use,
 * rendered byte for byte as Python renders them with transformers' settings (sandboxed, {@code
 * trim_blocks}, {@code lstrip_blocks}, {@code tojson} without ASCII escapes, {@code break} and
 * {@code continue}).
 *
 * <p>{@link org.panamind.dataset.template.ChatTemplate} is the way in. {@code Lexer} cuts the
 * source into tokens, {@code Parser}, {@code ExpressionParser} and {@code SuffixParser} make {@code
 * Node}s and {@code Expr}s of them, {@code Renderer} and {@code Evaluator} run these. Values are
 * Java's null (None), {@code Boolean}, {@code Long}, {@code BigInteger}, {@code Double}, {@code
 * List}, {@code Map}, and {@link org.panamind.dataset.template.Text}: a string that knows which of
 * its characters the template wrote and which came from whom. {@code Operators}, {@code Filters},
 * {@code Tests}, {@code Methods} and {@code Functions} are Python's and Jinja's, {@code PythonText}
 * and {@code PythonJson} write values as Python does.
 *
 * <p>What lies outside is an error with line and column, and what a user wrote is data, never
 * template.
 */
package org.panamind.dataset.template;
