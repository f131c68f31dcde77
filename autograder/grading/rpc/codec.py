"""The codec of the calls between two processes: the values of `grading.values`, references for the rest."""

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.decoder import Decoder, Resolve
from autograder.grading.values.encoder import Encoder, Refer

__all__ = ["CannotCross", "Decoder", "Encoder", "Refer", "Resolve"]
