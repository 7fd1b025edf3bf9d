/**
 * {@code host chat}: {@link org.panamind.host.chat.ChatCommand} opens a model and talks through a
 * {@code Face}, a terminal's line editor or plain streams. A {@code Dialogue} keeps the turns and
 * answers; a {@code Continuation} computes only what is new in each prompt; a {@code ChatLoop}
 * takes what is typed, commands included.
 */
package org.panamind.host.chat;
