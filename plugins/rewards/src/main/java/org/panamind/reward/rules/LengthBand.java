package org.panamind.reward.rules;

import java.util.regex.Pattern;
import org.panamind.stage.ConfigException;
import org.panamind.stage.reward.Reply;

/**
 * Half a point for a reply of a wanted length, minus half a point for another.
 *
 * @param least in tokens
 * @param most in tokens
 */
record LengthBand(int least, int most) implements Rule {
  private static final Pattern BAND = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

  static LengthBand parse(String text) {
    var matcher = BAND.matcher(text);
    if (matcher.matches()) {
      int least = Integer.parseInt(matcher.group(1));
      int most = Integer.parseInt(matcher.group(2));
      if (least <= most) return new LengthBand(least, most);
    }
    throw new ConfigException(
        "the band of length is \"%s\", must be from fewest to most tokens, as in length:20-800"
            .formatted(text));
  }

  @Override
  public double score(Reply reply) {
    return reply.tokens() >= least && reply.tokens() <= most ? 0.5 : -0.5;
  }
}
