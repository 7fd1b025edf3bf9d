/**
 * {@code --reward rules:exact=1,format=0.5}: a weighted sum of rules.
 *
 * <ul>
 *   <li>{@link org.panamind.reward.rules.RulesReward}: the extension; its javadoc lists the rules.
 *   <li>{@code RuleList} reads the argument, {@code RuleKind} has the rules by name, and the larger
 *       ones are types of their own.
 * </ul>
 */
package org.panamind.reward.rules;
