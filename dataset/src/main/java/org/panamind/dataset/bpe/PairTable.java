package org.panamind.dataset.bpe;

/**
 * Finds the {@link Pair} of two symbols, making it when it is new: an open-addressing hash table,
 * since a map with boxed keys doubles the time of training.
 */
final class PairTable {
  private Pair[] slots = new Pair[1 << 12];
  private int size;

  Pair at(int left, int right) {
    int mask = slots.length - 1;
    int slot = hash(left, right) & mask;
    for (Pair pair = slots[slot]; pair != null; pair = slots[slot]) {
      if (pair.left == left && pair.right == right) {
        return pair;
      }
      slot = (slot + 1) & mask;
    }
    Pair made = new Pair(left, right);
    slots[slot] = made;
    if (++size * 2 > slots.length) {
      grow();
    }
    return made;
  }

  private void grow() {
    Pair[] old = slots;
    slots = new Pair[old.length * 2];
    int mask = slots.length - 1;
    for (Pair pair : old) {
      if (pair != null) {
        int slot = hash(pair.left, pair.right) & mask;
        while (slots[slot] != null) {
          slot = (slot + 1) & mask;
        }
        slots[slot] = pair;
      }
    }
  }

  private static int hash(int left, int right) {
    long mixed = (((long) left << 32) | right) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }
}
