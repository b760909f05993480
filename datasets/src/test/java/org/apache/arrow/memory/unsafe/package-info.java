/** A class of Arrow's that the tests replace. */
package org.apache.arrow.memory.unsafe;
