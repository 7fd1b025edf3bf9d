package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.random.RandomGenerator;

/** Makes up records of one kind of training file. */
public interface SampleGenerator {
  /** The name of the files it fills, such as {@code pretrain} for {@code pretrain.jsonl}. */
  String name();

  /**
   * Makes one record. It must depend on what {@code random} gives and on nothing else.
   *
   * @return a record in the form its stage reads
   */
  ObjectNode next(RandomGenerator random);
}
