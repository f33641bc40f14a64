"""Which files belong together: a Sample is the files of one image, a Cohort all images of a folder or sheet."""

from htan_kit.cohort._cohort import Cohort
from htan_kit.cohort._open import open_cohort
from htan_kit.cohort._sample import Sample

__all__ = ["Cohort", "Sample", "open_cohort"]
