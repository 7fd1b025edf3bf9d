package org.panamind.stage.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.stage.trial.StageFolder;

class SavedTokenizerTest {
  @TempDir Path temporary;

  @Test
  void weightsMovedWithTheirFolderFindTheirTokenizerAgain() throws IOException {
    Path out = Files.createDirectories(temporary.resolve("out"));
    var folder = new StageFolder(out);
    folder.tokenizer("sample/tokenizer", 8);
    folder.weights("own", StageFolder.sizes(32));
    folder.weights("pretrain", StageFolder.sizes(32), SavedTokenizer.sampleFolder(out));
    Path moved = Files.move(out, temporary.resolve("moved"));
    assertEquals(moved.resolve("tokenizer"), of(moved, "own_32"));
    assertEquals(moved.resolve("sample/tokenizer"), of(moved, "pretrain_32"));
    // A copy of the weights alone has its tokenizer where it was trained.
    Path copy = Files.copy(moved.resolve("pretrain_32.safetensors"), temporary.resolve("copy"));
    Files.move(moved, out);
    assertEquals(out.resolve("sample/tokenizer"), SavedTokenizer.folderOf(copy, temporary));
  }

  private static Path of(Path folder, String weights) {
    return SavedTokenizer.folderOf(folder.resolve(weights + ".safetensors"), folder);
  }

  @Test
  void theSamplesOwnIsTakenWhereThereIsNoOther() throws IOException {
    assertEquals(temporary.resolve("tokenizer"), SavedTokenizer.someFolder(temporary));
    Files.createDirectories(SavedTokenizer.sampleFolder(temporary));
    assertEquals(temporary.resolve("sample/tokenizer"), SavedTokenizer.someFolder(temporary));
    Files.createDirectories(SavedTokenizer.defaultFolder(temporary));
    assertEquals(temporary.resolve("tokenizer"), SavedTokenizer.someFolder(temporary));
  }
}
