/** Low-rank adaptation: small matrices beside frozen weights learn from conversations. */
package org.panamind.stage.lora;
