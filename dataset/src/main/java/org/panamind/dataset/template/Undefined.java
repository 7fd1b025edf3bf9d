package org.panamind.dataset.template;

/** What a name, key or attribute that is not there gives: empty as text, false as a condition. */
record Undefined(String what) {}
