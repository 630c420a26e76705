"""`python -m relevo.desk` runs the desk."""

import sys

from relevo.desk import main
from relevo.errors import RelevoError

try:
    main()
except RelevoError as error:
    sys.exit(str(error))
