/**
 * Texts and conversations made from a seed, so that a fresh clone has something to train on: a
 * {@link org.panamind.dataset.sample.SampleGenerator} makes records ({@link
 * org.panamind.dataset.sample.SampleText} those of pretraining, {@link
 * org.panamind.dataset.sample.SampleChats} those of every other stage, of {@code Exercises}),
 * {@link org.panamind.dataset.sample.SampleFiles} writes them, and {@link
 * org.panamind.dataset.sample.TaskCheck} says whether a reply to one is right.
 */
package org.panamind.dataset.sample;
