package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Runs each test inside a scope of its own, and fails it where native references are left over. */
final class ScopePerTest implements BeforeEachCallback, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(ScopePerTest.class);

  private record Open(TensorScope scope, long liveBefore) {}

  @Override
  public void beforeEach(ExtensionContext context) {
    long live = Tensor.liveCount();
    context.getStore(NAMESPACE).put(context.getUniqueId(), new Open(TensorScope.open(), live));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    var open = context.getStore(NAMESPACE).remove(context.getUniqueId(), Open.class);
    open.scope().close();
    assertEquals(open.liveBefore(), Tensor.liveCount(), "native references left over");
  }
}
