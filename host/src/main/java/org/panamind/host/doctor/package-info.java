/** {@code host doctor}: what this machine has and what is missing. */
package org.panamind.host.doctor;
