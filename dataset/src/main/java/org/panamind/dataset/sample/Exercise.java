package org.panamind.dataset.sample;

/**
 * A question with an answer that a program can check.
 *
 * @param task what kind it is, see {@link TaskCheck}
 * @param question what is asked
 * @param answer what is right
 * @param thinking a way to the answer, in one line
 */
record Exercise(String task, String question, String answer, String thinking) {}
