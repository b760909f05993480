/** Replaces a class of Arrow for the tests. */
package org.apache.arrow.memory.unsafe;
