/** {@code host generate}: what a trained model writes. */
package org.panamind.host.text;
