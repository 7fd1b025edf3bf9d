package org.panamind.stage;

/**
 * The version of this API, which the {@code Plugin-Requires} of every plugin is checked against.
 */
public final class ApiVersion {
  /**
   * The release part of the project's version, for example {@code 0.1.0}. A suffix such as {@code
   * -SNAPSHOT} is left out: semantic versions order it below the release, so that a plugin asking
   * for {@code >=0.1.0} would be refused by every development build.
   */
  public static final String CURRENT = "0.1.0";

  private ApiVersion() {}
}
