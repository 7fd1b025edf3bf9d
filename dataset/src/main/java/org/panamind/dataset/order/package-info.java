/**
 * Which sample comes when: {@link org.panamind.dataset.order.SampleOrder} (one global order per
 * epoch), {@link org.panamind.dataset.order.RankShare} (whose part is what), {@link
 * org.panamind.dataset.order.Cursor} (how far a run has come), {@link
 * org.panamind.dataset.order.HeldOutSplit} (what is never trained on).
 */
package org.panamind.dataset.order;
