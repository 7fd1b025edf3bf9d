package org.panamind.dataset.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.panamind.dataset.DataException;
import org.panamind.dataset.WellFormedText;

/**
 * One tokenizer of Hugging Face's Rust library, through the JNI functions that DJL ships. DJL's own
 * class above them fetches nine arrays for every text, cuts at 512 tokens unless told otherwise and
 * reports its use over the network on some clouds; here ids are fetched and nothing else is done.
 */
final class NativeTokenizer implements AutoCloseable {
  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  private final ReadWriteLock life = new ReentrantReadWriteLock();
  private long handle;

  NativeTokenizer(Path file, String json) {
    loadLibrary();
    try {
      handle = LIBRARY.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new DataException(
          file + ": is no tokenizer.json that Hugging Face's library reads: " + e.getMessage(), e);
    }
    LIBRARY.disablePadding(handle);
    LIBRARY.disableTruncation(handle);
  }

  private static void loadLibrary() {
    // Without these the library would look for CUDA and download a build for it.
    System.setProperty("RUST_FLAVOR", "cpu");
    System.setProperty("ai.djl.offline", "true");
    try {
      LibUtils.checkStatus();
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(
          "the tokenizer library cannot be loaded: %s. It is unpacked into %s/.djl.ai (or DJL_CACHE_DIR), which must be writable, and needs glibc 2.34 or later."
              .formatted(rootOf(e), System.getProperty("user.home")),
          e);
    }
  }

  /** The library wraps the reason in errors that only say that it failed. */
  private static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  int[] encode(String text) {
    return whileOpen(() -> take(LIBRARY.encode(handle, WellFormedText.of(text), false)));
  }

  int[][] encodeAll(String[] texts) {
    String[] clean = new String[texts.length];
    for (int i = 0; i < texts.length; i++) {
      clean[i] = WellFormedText.of(texts[i]);
    }
    return whileOpen(
        () -> {
          long[] encodings = LIBRARY.batchEncode(handle, clean, false);
          int[][] ids = new int[encodings.length][];
          for (int i = 0; i < ids.length; i++) {
            ids[i] = take(encodings[i]);
          }
          return ids;
        });
  }

  private static int[] take(long encoding) {
    long[] wide = LIBRARY.getTokenIds(encoding);
    LIBRARY.deleteEncoding(encoding);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) wide[i];
    }
    return ids;
  }

  String decode(int[] ids, boolean skipSpecial) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return whileOpen(() -> LIBRARY.decode(handle, wide, skipSpecial));
  }

  private <T> T whileOpen(Supplier<T> call) {
    life.readLock().lock();
    try {
      if (handle == 0) {
        throw new IllegalStateException("the tokenizer is closed");
      }
      return call.get();
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public void close() {
    life.writeLock().lock();
    try {
      if (handle != 0) {
        LIBRARY.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      life.writeLock().unlock();
    }
  }
}
