package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The one door to every operator: kinds of arguments and results, and what it refuses. */
@ExtendWith(ScopePerTest.class)
class OpTest {
  @Test
  void everyOperatorOfTheFacadeExists() throws ReflectiveOperationException {
    List<Class<?>> holders = new ArrayList<>(List.of(Torch.class, Nn.class, Indexing.class));
    for (var topic : Tensor.class.getInterfaces()) {
      if (topic != AutoCloseable.class) holders.addAll(List.of(topic.getDeclaredClasses()));
    }
    int count = 0;
    for (var holder : holders) {
      for (var field : holder.getDeclaredFields()) {
        if (field.getType() != Op.class || !Modifier.isStatic(field.getModifiers())) continue;
        field.setAccessible(true);
        var op = (Op) field.get(null);
        assertTrue(op.schema().startsWith(op.name() + "("), op.name() + ": " + op.schema());
        count++;
      }
    }
    assertTrue(count > 150, "operators " + count);
  }

  @Test
  void schemaIsTorchsText() {
    var schema = Torch.op("aten::add.Tensor").schema();
    var arguments = "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> ";
    assertTrue(schema.startsWith(arguments), schema);
    assertTrue(Torch.opNames().size() > 2500);
    assertTrue(Torch.opNames().contains("aten::add.Tensor"));
  }

  @Test
  void integersAndListsOfThem() {
    var pool = Torch.op("aten::avg_pool2d");
    var image = Torch.ones(1, 1, 4, 4);
    assertArrayEquals(new long[] {1, 1, 2, 2}, pool.tensor(image, 2).shape()); // int[2] from one
    assertArrayEquals(new long[] {1, 1, 4, 2}, pool.tensor(image, new int[] {1, 2}).shape());
    assertArrayEquals(
        new long[] {1, 1, 4, 2}, pool.tensor(image, new long[] {1, 2}, new long[] {1, 2}).shape());
  }

  @Test
  void floatsListsOfFloatsAndBools() {
    var upsample = Torch.op("aten::upsample_nearest1d.vec");
    var line = Tensor.of(new float[] {1, 2}, 1, 1, 2);
    assertArrayEquals(
        new float[] {1, 1, 2, 2}, upsample.tensor(line, null, new double[] {2.0}).toFloatArray());
    var backward = Torch.op("aten::linear_backward");
    assertTrue(Torch.opNames().contains("aten::linear_backward."));
    assertEquals("aten::linear_backward", backward.name());
    var norm = Torch.op("aten::native_layer_norm_backward");
    var x = Tensor.of(new float[] {1, 3}, 1, 2);
    var statistics = Torch.op("aten::native_layer_norm").tensors(x, new long[] {2}, null, null, 0);
    var gradients =
        norm.tensors(
            Torch.ones(1, 2),
            x,
            new int[] {2},
            statistics[1],
            statistics[2],
            Torch.ones(2),
            Torch.zeros(2),
            new boolean[] {false, true, false});
    assertNull(gradients[0]);
    assertArrayEquals(new float[] {-1, 1}, gradients[1].toFloatArray(), 1e-6f);
    assertNull(gradients[2]);
  }

  @Test
  void listsOfTensorsAndOfOptionalTensors() {
    var cat = Torch.op("aten::cat");
    var one = Torch.ones(1);
    assertArrayEquals(new long[] {2}, cat.tensor(List.of(one, one)).shape());
    assertArrayEquals(new long[] {2}, cat.tensor((Object) new Tensor[] {one, one}).shape());
    var matrix = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    var index = Torch.op("aten::index.Tensor");
    var places = Arrays.asList(null, Tensor.of(new long[] {1}));
    assertArrayEquals(new float[] {2, 4}, index.tensor(matrix, places).toFloatArray());
  }

  @Test
  void textDevicesAndTypes() {
    var divide = Torch.op("aten::div.Tensor_mode");
    var x = Tensor.of(new float[] {-7, 7});
    assertArrayEquals(
        new float[] {-4, 3}, divide.tensor(x, Tensor.scalar(2), "floor").toFloatArray());
    assertArrayEquals(
        new float[] {-3, 3}, divide.tensor(x, Tensor.scalar(2), "trunc").toFloatArray());
    assertArrayEquals(
        new float[] {-3.5f, 3.5f}, divide.tensor(x, Tensor.scalar(2), null).toFloatArray());
    var zeros =
        Torch.op("aten::zeros").tensor(new long[] {2}, DType.BFLOAT16, null, Device.CPU, false);
    assertEquals(DType.BFLOAT16, zeros.dtype());
    assertEquals(Device.CPU, zeros.device());
  }

  @Test
  void scalarsKeepTheirKind() {
    var add = Torch.op("aten::add.Scalar");
    var whole = Tensor.of(new long[] {1});
    assertEquals(DType.INT64, add.tensor(whole, 2).dtype());
    assertEquals(DType.FLOAT32, add.tensor(whole, 2.5).dtype());
    assertEquals(DType.INT64, add.tensor(whole, true).dtype());
    assertEquals(3.5, add.tensor(Torch.ones(1), 2.5f).item());
  }

  @Test
  void numbersAndBoolsComeBack() {
    var x = Tensor.of(new float[] {4});
    assertEquals(4, Torch.op("aten::item").number(x));
    assertEquals(1, Torch.op("aten::is_nonzero").number(x));
    assertEquals(1, Torch.op("aten::size.int").number(x, 0));
    var error = assertThrows(TorchException.class, () -> Torch.op("aten::neg").number(x));
    assertTrue(error.getMessage().startsWith("aten::neg does not return one number"));
    var none = assertThrows(TorchException.class, () -> Torch.op("aten::is_nonzero").tensor(x));
    assertTrue(none.getMessage().startsWith("aten::is_nonzero returns no tensor"));
  }

  @Test
  void longListsOfResultsComeWhole() {
    for (int count : new int[] {1, 63, 64, 65, 128, 200}) {
      var parts = Torch.arange(0, count, Device.CPU).split(1, 0);
      assertEquals(count, parts.length);
      for (int i = 0; i < count; i++) assertEquals(i, parts[i].itemLong());
    }
  }

  @Test
  void onlyTheFirstOfSeveralTensorsIsKept() {
    var x = Tensor.of(new float[] {1, 3, 2});
    long before = Tensor.liveCount();
    var values = Torch.op("aten::sort").tensor(x, 0, true);
    assertEquals(before + 1, Tensor.liveCount());
    assertArrayEquals(new float[] {3, 2, 1}, values.toFloatArray());
    Torch.op("aten::sort").run(x, 0, true);
    assertEquals(before + 1, Tensor.liveCount());
  }

  @Test
  void metadataFollowOperatorsThatChangeThem() {
    var x = Torch.ones(4);
    var same = x.share();
    assertArrayEquals(new long[] {4}, same.shape());
    Torch.op("aten::resize_").run(x, new long[] {2, 3});
    assertArrayEquals(new long[] {2, 3}, x.shape());
    assertArrayEquals(new long[] {2, 3}, same.shape());
    Torch.op("aten::t_").run(x);
    assertArrayEquals(new long[] {1, 3}, x.strides());
  }

  @Test
  void wrongArgumentsAreNamed() {
    var x = Torch.ones(2, 2);
    refuse("aten::mm: argument 2 'mat2' is Tensor, was given float", "aten::mm", x, 3.0);
    refuse("aten::mm: argument 2 'mat2' is missing", "aten::mm", x);
    refuse("aten::mm takes 2 arguments, was given 3", "aten::mm", x, x, x);
    refuse("argument 2 'dim' is int", "aten::select.int", x, "first", 0);
    refuse("argument 1 is a java.lang.StringBuilder", "aten::mm", new StringBuilder(), x);
    refuse("is a list with a java.lang.Long", "aten::cat", List.of(1L));
    refuse("was given 65 arguments", "aten::mm", Stream.generate(() -> 1).limit(65).toArray());
    refuse("mat1 and mat2 shapes cannot be multiplied", "aten::mm", x, Torch.ones(3, 2));
  }

  private static void refuse(String part, String name, Object... arguments) {
    var op = Torch.op(name);
    var error = assertThrows(TorchException.class, () -> op.tensor(arguments));
    assertTrue(error.getMessage().contains(part), error.getMessage());
    assertTrue(error.getMessage().indexOf('\n') < 0, error.getMessage());
  }

  @Test
  void unknownOperatorsAreRefusedAtOnceOrWhenUsed() {
    var error = assertThrows(TorchException.class, () -> Torch.op("aten::no_such"));
    assertTrue(error.getMessage().contains("aten::no_such"), error.getMessage());
    var named = Op.of("aten::add.no_such");
    assertThrows(TorchException.class, () -> named.tensor(Torch.ones(1), 1));
  }
}
