/**
 * Text made from a seed, so that a fresh clone has something to train on: a {@link
 * org.panamind.dataset.sample.SampleGenerator} makes records ({@link
 * org.panamind.dataset.sample.SampleText} those of pretraining), {@link
 * org.panamind.dataset.sample.SampleFiles} writes them.
 */
package org.panamind.dataset.sample;
