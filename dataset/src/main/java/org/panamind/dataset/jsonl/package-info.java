/**
 * JSONL files: {@link org.panamind.dataset.jsonl.JsonlReader} reads one from first to last, {@link
 * org.panamind.dataset.jsonl.JsonlFile} gives any of its records by number. What a record must have
 * is a {@link org.panamind.dataset.jsonl.LineCheck}; what happens to lines that are none, {@link
 * org.panamind.dataset.jsonl.BadLines}; what did happen, {@link
 * org.panamind.dataset.jsonl.LineReport}.
 *
 * <p>Underneath: {@code SourceFile} (the user's file and its errors), {@code Compression}, {@code
 * LineScanner} (bytes to lines), {@code LineParser} (lines to records), {@code LineIndex} (where
 * lines begin), {@code SideFiles} and {@code RandomFile}.
 */
package org.panamind.dataset.jsonl;
