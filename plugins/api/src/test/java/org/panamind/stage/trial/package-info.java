/** What the tests of stages share: a save folder as earlier stages leave it. */
package org.panamind.stage.trial;
