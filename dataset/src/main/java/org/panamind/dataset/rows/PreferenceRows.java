package org.panamind.dataset.rows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Random;
import org.panamind.dataset.Samples;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.EncodedChat;
import org.panamind.dataset.chat.SampleRandom;

/**
 * Pairs to prefer one answer of (Rafailov et al. 2023, arXiv:2305.18290). Labels are the last
 * answer alone, the one in which the two differ, and whether an empty thinking block stays is drawn
 * once for both, lest the draw become a preference.
 *
 * <p>With {@link ChatOptions#markerScan} both are as in MiniMind: labels are all answers, which
 * matters where log-probabilities are averaged over tokens, and the two are drawn apart. No system
 * prompt is added in either form.
 */
public final class PreferenceRows {
  private PreferenceRows() {}

  /**
   * One pair a record.
   *
   * @param records that passed {@link org.panamind.dataset.chat.ChatChecks#preferences}
   */
  public static Samples<PreferencePair> of(
      Samples<JsonNode> records, ChatEncoder encoder, ChatOptions options) {
    SftRows.Encoding encoding = new SftRows.Encoding(encoder, options);
    return NumberedSamples.of(records, (record, number) -> pair(record, number, encoding, options));
  }

  private static PreferencePair pair(
      JsonNode record, long number, SftRows.Encoding encoding, ChatOptions options) {
    Random random = SampleRandom.of(options.seed(), number);
    boolean keepInChosen = random.nextDouble() < options.emptyThinkRatio();
    boolean drawnApart = random.nextDouble() < options.emptyThinkRatio();
    boolean keepInRejected = options.markerScan() ? drawnApart : keepInChosen;
    EncodedChat chosen = encoding.of(Conversation.of(record.get("chosen")), keepInChosen);
    EncodedChat rejected = encoding.of(Conversation.of(record.get("rejected")), keepInRejected);
    return new PreferencePair(
        chosen.row(options.maxSeqLen(), firstLearned(chosen, options)),
        rejected.row(options.maxSeqLen(), firstLearned(rejected, options)),
        number);
  }

  private static int firstLearned(EncodedChat chat, ChatOptions options) {
    return options.markerScan() ? 0 : chat.answerCount() - 1;
  }
}
