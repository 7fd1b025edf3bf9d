package org.panamind.stage.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.order.RankShare;
import org.panamind.stage.trial.SimulatedRanks;

class RankSumsTest {
  @Test
  void gathersWhatEachRankSaysHoweverMuchThatIs() {
    double[][] said = {{1, 2.5}, {}, {-3, 1e300, 7}};
    List<double[][]> heard =
        SimulatedRanks.of(3, (share, ranks) -> ranks.gather(share, said[share.rank()]));
    for (double[][] all : heard) {
      assertEquals(3, all.length);
      for (int rank = 0; rank < 3; rank++) assertArrayEquals(said[rank], all[rank]);
    }
  }

  @Test
  void gathersNothingFromRanksThatSayNothing() {
    List<double[][]> heard = SimulatedRanks.of(2, (share, ranks) -> ranks.gather(share));
    for (double[][] all : heard) assertArrayEquals(new double[2][0], all);
  }

  @Test
  void aProcessThatTrainsAloneHearsItself() {
    double[][] all = RankSums.ALONE.gather(RankShare.ALONE, 4, 5);
    assertArrayEquals(new double[][] {{4, 5}}, all);
  }
}
