"""`carelane up`: everything Carelane needs on one machine, started, watched over and stopped as one."""
