package org.panamind.host.plugin;

/** Carries the reason why a jar is refused up to the catalog; never leaves this package. */
final class RefusedPluginException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedPluginException(String reason, Throwable cause) {
    super(reason, cause);
  }

  RefusedPluginException(String reason) {
    super(reason);
  }
}
