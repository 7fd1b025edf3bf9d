package org.panamind.stage.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.config.Nearest;

/** The rewards that {@code --reward} names. */
public final class Rewards {
  private static final int DATA = 65;

  private Rewards() {}

  /**
   * Opens what is named and remembers its scores by prompt and reply.
   *
   * @param spec {@code NAME}, {@code NAME:ARGUMENT} or a URL; several are joined by {@code +} and
   *     summed
   * @param installed what there is
   * @return to be closed by the caller, from whom each distinct reply is asked for once
   * @throws ConfigException if nothing of that name is installed
   */
  public static Reward open(String spec, List<RewardModel> installed, RewardContext context) {
    var parts = new ArrayList<Reward>();
    try {
      for (String part : spec.split("\\+(?=[a-z][a-z0-9_]*(:|$))"))
        parts.add(remembering(openOne(part, installed, context), part));
    } catch (RuntimeException e) {
      parts.forEach(Reward::close);
      throw e;
    }
    return parts.size() == 1 ? parts.getFirst() : new Sum(parts);
  }

  private static Reward openOne(String part, List<RewardModel> installed, RewardContext context) {
    int colon = part.indexOf(':');
    String name = colon < 0 ? part : part.substring(0, colon);
    for (RewardModel model : installed)
      if (model.name().equals(name))
        return model.open(colon < 0 ? "" : part.substring(colon + 1), context);
    var names = installed.stream().map(RewardModel::name).sorted().toList();
    throw new ConfigException(
        "--reward is %s, but there is no reward %s%s; installed are %s"
            .formatted(part, name, Nearest.suggestion(name, names, ""), String.join(", ", names)));
  }

  /**
   * The same reward, asked once for each distinct reply to each prompt.
   *
   * @param name for messages
   */
  static Reward remembering(Reward reward, String name) {
    return new Remembering(reward, name);
  }

  private record Sum(List<Reward> parts) implements Reward {
    @Override
    public double[] score(List<Reply> replies) {
      var sums = new double[replies.size()];
      for (Reward part : parts) {
        double[] scores = part.score(replies);
        for (int i = 0; i < sums.length; i++) sums[i] += scores[i];
      }
      return sums;
    }

    @Override
    public void close() {
      parts.forEach(Reward::close);
    }
  }

  private static final class Remembering implements Reward {
    /** At a kilobyte each about 100 MB. */
    private static final long MOST = 100_000;

    private final Reward reward;
    private final String name;
    private final Cache<Reply, Double> known =
        Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

    Remembering(Reward reward, String name) {
      this.reward = reward;
      this.name = name;
    }

    @Override
    public double[] score(List<Reply> replies) {
      var scores = new LinkedHashMap<Reply, Double>();
      var asked = new ArrayList<Reply>();
      for (Reply reply : replies) {
        Double score = known.getIfPresent(reply);
        if (!scores.containsKey(reply) && score == null) asked.add(reply);
        scores.put(reply, score);
      }
      if (!asked.isEmpty()) {
        double[] fresh = reward.score(List.copyOf(asked));
        if (fresh.length != asked.size())
          throw new StageException(
              DATA,
              "--reward %s: gave %d scores for %d replies"
                  .formatted(name, fresh.length, asked.size()));
        for (int i = 0; i < asked.size(); i++) {
          scores.put(asked.get(i), finite(fresh[i], asked.get(i)));
          known.put(asked.get(i), fresh[i]);
        }
      }
      return replies.stream().mapToDouble(scores::get).toArray();
    }

    private double finite(double score, Reply reply) {
      if (Double.isFinite(score)) return score;
      throw new StageException(
          DATA,
          "--reward %s: scored %s for the reply \"%s\"; a score must be finite"
              .formatted(name, score, reply.text().replace("\n", "\\n")));
    }

    @Override
    public void close() {
      reward.close();
    }
  }
}
