"""An import that ends its process."""

import sys

sys.exit(1)
