/** Kahneman-Tversky optimisation as a stage outside the repository. */
package org.example.kto;
