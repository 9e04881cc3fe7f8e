"""The portal's settings with one page more: what a page of ours costs before it shows anything."""

from colibox.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
