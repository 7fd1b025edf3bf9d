package org.panamind.dataset.rows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.List;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.EncodedChat;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * Conversations in whose answers some tags count more, as reasoning distillation wants it. Weighted
 * are the tokens that the tags themselves are written with, wherever these begin and end.
 *
 * <p>With {@link ChatOptions#markerScan} it is as in MiniMind: every token counts more whose id
 * occurs in the encoding of a tag, also the pieces of ordinary words.
 */
public final class TagRows {
  /** What a reasoning answer is written with. */
  public static final List<String> REASONING_TAGS =
      List.of("<think>", "</think>", "<answer>", "</answer>");

  private TagRows() {}

  /**
   * One row a conversation.
   *
   * @param records that passed {@link org.panamind.dataset.chat.ChatChecks#conversations}
   * @param tags the texts that count more
   * @param tagWeight of their tokens; other supervised tokens have 1
   */
  public static Samples<WeightedRow> of(
      Samples<JsonNode> records,
      ChatEncoder encoder,
      ChatOptions options,
      List<String> tags,
      float tagWeight) {
    SftRows.Encoding encoding = new SftRows.Encoding(encoder, options);
    BitSet ids = idsOf(tags, encoder.tokenizer());
    return NumberedSamples.of(
        records,
        (record, number) -> {
          EncodedChat chat = encoding.of(record, number);
          Row row = chat.row(options.maxSeqLen(), 0);
          BitSet weighted = options.markerScan() ? having(chat, ids) : in(chat, tags, encoder);
          float[] weights = new float[row.length()];
          for (int t = 0; t < weights.length; t++) {
            boolean ignored = row.labels()[t] == Row.IGNORED;
            weights[t] = ignored ? 0 : weighted.get(t) ? tagWeight : 1;
          }
          return new WeightedRow(row, weights);
        });
  }

  private static BitSet idsOf(List<String> tags, Tokenizer tokenizer) {
    BitSet ids = new BitSet();
    for (String tag : tags) {
      for (int id : tokenizer.encode(tag)) {
        ids.set(id);
      }
    }
    return ids;
  }

  private static BitSet having(EncodedChat chat, BitSet ids) {
    BitSet tokens = new BitSet();
    for (int t = 0; t < chat.ids().length; t++) {
      tokens.set(t, ids.get(chat.ids()[t]));
    }
    return tokens;
  }

  /** The tokens with a char of a tag in them. */
  private static BitSet in(EncodedChat chat, List<String> tags, ChatEncoder encoder) {
    String text = encoder.tokenizer().decode(chat.ids());
    BitSet chars = new BitSet();
    for (String tag : tags) {
      for (int at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
        chars.set(at, at + tag.length());
      }
    }
    BitSet tokens = new BitSet();
    int[] starts = chat.starts();
    for (int t = 0; t < starts.length; t++) {
      int next = chars.nextSetBit(starts[t]);
      int end = t + 1 < starts.length ? starts[t + 1] : text.length();
      tokens.set(t, next >= 0 && next < end);
    }
    return tokens;
  }
}
