/**
 * Training together, seen from one rank: {@link org.panamind.host.ranks.Ranks} ({@link
 * org.panamind.host.ranks.OneRank} alone, {@link org.panamind.host.ranks.JoinedRanks} over c10d),
 * {@link org.panamind.host.ranks.RankConsole} for those that keep silent, and {@link
 * org.panamind.host.ranks.Faults} on purpose.
 */
package org.panamind.host.ranks;
