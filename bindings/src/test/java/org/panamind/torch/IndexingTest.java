package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Index expressions, with Python's meaning of each. */
@ExtendWith(ScopePerTest.class)
class IndexingTest {
  /** [2, 3, 4] with the elements 0 to 23. */
  private final Tensor cube = Torch.arange(0, 24, Device.CPU).reshape(2, 3, 4);

  private static void check(Tensor actual, long[] shape, long... elements) {
    assertArrayEquals(shape, actual.shape());
    assertArrayEquals(elements, actual.toLongArray());
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  @Test
  void slicesTakeParts() {
    check(cube.get(Ix.at(0), Ix.slice(1, 3), Ix.from(2)), shape(2, 2), 6, 7, 10, 11);
    check(cube.get(Ix.at(0), Ix.at(0), Ix.slice(0, 4, 2)), shape(2), 0, 2);
    check(cube.get(Ix.at(1), Ix.at(2), Ix.slice(-3, -1)), shape(2), 21, 22);
    check(cube.get(Ix.at(1), Ix.at(2), Ix.slice(2, 1)), shape(0));
  }

  @Test
  void negativePlacesCountFromTheEnd() {
    check(cube.get(Ix.at(-1), Ix.at(-3), Ix.at(-4)), shape(), 12);
    check(cube.get(Ix.ellipsis(), Ix.from(-1)), shape(2, 3, 1), 3, 7, 11, 15, 19, 23);
  }

  @Test
  void ellipsisStandsForTheAxesNotNamed() {
    check(cube.get(Ix.ellipsis(), Ix.at(0)), shape(2, 3), 0, 4, 8, 12, 16, 20);
    check(cube.get(Ix.at(1), Ix.ellipsis(), Ix.at(3)), shape(3), 15, 19, 23);
    check(cube.get(Ix.at(0), Ix.ellipsis(), Ix.at(0), Ix.at(1)), shape(), 1);
    check(
        cube.get(Ix.newAxis(), Ix.ellipsis(), Ix.newAxis(), Ix.at(0)),
        shape(1, 2, 3, 1),
        0,
        4,
        8,
        12,
        16,
        20);
  }

  @Test
  void newAxesAreOfSizeOne() {
    check(cube.get(Ix.at(0), Ix.newAxis(), Ix.at(1)), shape(1, 4), 4, 5, 6, 7);
    assertArrayEquals(shape(2, 3, 4, 1), cube.get(Ix.ellipsis(), Ix.newAxis()).shape());
  }

  @Test
  void masksAndIndexTensorsChoose() {
    var rows = Tensor.of(new long[] {2, 0});
    check(cube.get(Ix.at(1), Ix.of(rows), Ix.at(0)), shape(2), 20, 12);
    check(cube.get(Ix.all(), Ix.of(rows), Ix.slice(0, 1)), shape(2, 2, 1), 8, 0, 20, 12);
    check(
        cube.get(Ix.ellipsis(), Ix.of(Tensor.of(new long[] {-1}))),
        shape(2, 3, 1),
        3,
        7,
        11,
        15,
        19,
        23);
    check(cube.get(Ix.of(cube.gt(21))), shape(2), 22, 23);
    var columns = Tensor.of(new boolean[] {true, false, false, true});
    check(cube.get(Ix.at(0), Ix.at(0), Ix.of(columns)), shape(2), 0, 3);
    var plane = Tensor.of(new boolean[] {true, false, false, false, false, true}, 2, 3);
    check(cube.get(Ix.of(plane), Ix.at(1)), shape(2), 1, 21);
    check(
        cube.get(Ix.of(plane), Ix.newAxis(), Ix.of(Tensor.of(new long[] {3}))), shape(2, 1), 3, 23);
    var grid = Tensor.of(new long[] {0, 1}, 2, 1);
    check(cube.get(Ix.of(grid), Ix.of(rows), Ix.at(0)), shape(2, 2), 8, 0, 20, 12);
  }

  @Test
  void theWholeIsASecondReference() {
    var whole = cube.get(Ix.all(), Ix.ellipsis());
    assertNotSame(cube, whole);
    assertEquals(cube.storage(), whole.storage());
    whole.close();
    assertEquals(24, cube.numel());
  }

  @Test
  void viewsShareMemory() {
    cube.get(Ix.at(0), Ix.at(0)).fill_(9);
    check(cube.get(Ix.at(0), Ix.at(0)), shape(4), 9, 9, 9, 9);
  }

  @Test
  void viewsOnTheWayAreFreed() {
    long before = Tensor.liveCount();
    var part = cube.get(Ix.at(0), Ix.slice(0, 2), Ix.slice(1, 3), Ix.newAxis());
    assertEquals(before + 1, Tensor.liveCount());
    part.close();
    assertThrows(TorchException.class, () -> cube.get(Ix.slice(0, 1), Ix.at(3)));
    assertEquals(before, Tensor.liveCount());
  }

  @Test
  void wrongExpressionsAreRefused() {
    refuse(
        "an index expression names 4 axes of a tensor with 3",
        Ix.all(),
        Ix.all(),
        Ix.all(),
        Ix.all());
    refuse("an index expression has two ellipses", Ix.ellipsis(), Ix.ellipsis());
    refuse(
        "an index tensor is int64, or bool with at least one axis; this one is float32[1]",
        Ix.of(Torch.ones(1)));
    assertThrows(TorchException.class, () -> cube.get(Ix.at(2)));
    assertThrows(TorchException.class, () -> cube.get(Ix.slice(0, 1, 0)));
  }

  private void refuse(String message, Ix... places) {
    var error = assertThrows(TorchException.class, () -> cube.get(places));
    assertEquals(message, error.getMessage());
  }
}
