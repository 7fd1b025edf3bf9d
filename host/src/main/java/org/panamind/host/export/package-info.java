/**
 * Trained models in other forms: {@link org.panamind.host.export.ExportCommand} writes one in a
 * {@link org.panamind.host.export.Format}, {@link org.panamind.host.export.MergeLoraCommand} adds
 * low-rank weights first; {@link org.panamind.host.export.OutputOptions} keep what is there.
 */
package org.panamind.host.export;
