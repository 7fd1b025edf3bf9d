package org.panamind.stage.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one option on the component of a config record. On a component that is itself a record
 * only {@link #group} counts: it names the group of all options in it that name none.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Option {
  /** What it does, for someone who trains models, not for who wrote the stage. */
  String help() default "";

  /** The unit of the value, for example {@code tokens}; empty when there is none. */
  String unit() default "";

  /**
   * The option's name where the component's, in snake_case, cannot be it: a word of Java such as
   * {@code case}.
   */
  String name() default "";

  /** The heading that it stands under in the help; empty takes the enclosing record's. */
  String group() default "";
}
