/**
 * Data files as a model meets them: {@link org.panamind.host.data.RecordKind} says what a file
 * holds, {@link org.panamind.host.data.DataCommand} shows a sample or checks every line.
 */
package org.panamind.host.data;
