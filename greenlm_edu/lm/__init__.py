"""The language model, to be read: one layer or function a file, layers in `keras.ops` alone.

CharacterTokenizer, WordTokenizer           text to ids and back
BytePairTokenizer, PlainBytePairTokenizer   the same by frequent runs of bytes; the second to be read
Tokenizer                                   what each tokenizer can do
random_windows, every_window                ids to batches
TokenEmbedding                              ids to vectors
SinusoidalPositions, LearnedPositions       … that know their place (so does rotate, inside attention)
attend, MultiHeadAttention, CrossAttention  vectors that look at each other
FeedForward, Block, TiedHead                the other parts
Transformer, EncoderDecoder                 the whole
load_model                                  a saved one back
load_gpt2, save_gpt2, hugging_face          GPT-2 as Hugging Face keeps it
NGram, InterpolatedNGram, KneserNey         the baselines that count
NeuralNGram, LSTMNetwork                    the networks that came before
LanguageModel, TrainedNetwork               what every model can do, and what makes a network do it
evaluate, scores, generate                  a model's loss on a text, all figures of it, and new text from it
token_probabilities, draw                   how generate picks a token
train, training_optimizer                   a model trained on a text, and what turns its weights
planned_steps                               how long a lesson trains
padded, teacher_forced, train_pairs         pairs for an EncoderDecoder, and its training
beam_search                                 the best of several targets, side by side
exact_match, token_f1, rouge                how near an answer, a translation, a summary is to its reference
reach                                       what a changed token moves: the mask lab
"""

from greenlm_edu.lm import hugging_face
from greenlm_edu.lm.attend import attend
from greenlm_edu.lm.attention import MultiHeadAttention
from greenlm_edu.lm.beam_search import Beam, beam_search
from greenlm_edu.lm.block import Block
from greenlm_edu.lm.byte_pairs import BytePairTokenizer
from greenlm_edu.lm.characters import CharacterTokenizer
from greenlm_edu.lm.cross_attention import CrossAttention
from greenlm_edu.lm.draw import draw
from greenlm_edu.lm.encoder_decoder import EncoderDecoder
from greenlm_edu.lm.evaluate import evaluate
from greenlm_edu.lm.exact_match import exact_match, token_f1
from greenlm_edu.lm.feed_forward import FeedForward
from greenlm_edu.lm.generate import generate
from greenlm_edu.lm.gpt2_folder import load_gpt2, save_gpt2
from greenlm_edu.lm.interpolated_ngram import InterpolatedNGram
from greenlm_edu.lm.kneser_ney import KneserNey
from greenlm_edu.lm.language_model import LanguageModel
from greenlm_edu.lm.learned_positions import LearnedPositions
from greenlm_edu.lm.lstm_network import LSTMNetwork
from greenlm_edu.lm.neural_ngram import NeuralNGram
from greenlm_edu.lm.ngram import NGram
from greenlm_edu.lm.pairs import padded, teacher_forced
from greenlm_edu.lm.plain_byte_pairs import PlainBytePairTokenizer
from greenlm_edu.lm.planned_steps import planned_steps
from greenlm_edu.lm.reach import reach
from greenlm_edu.lm.rotate import rotate
from greenlm_edu.lm.rouge import rouge
from greenlm_edu.lm.scores import Scores, scores
from greenlm_edu.lm.sinusoidal_positions import SinusoidalPositions
from greenlm_edu.lm.tied_head import TiedHead
from greenlm_edu.lm.token_embedding import TokenEmbedding
from greenlm_edu.lm.token_probabilities import token_probabilities
from greenlm_edu.lm.tokenizer import Tokenizer
from greenlm_edu.lm.train import TrainingHistory, train, training_optimizer
from greenlm_edu.lm.train_pairs import train_pairs
from greenlm_edu.lm.trained_network import TrainedNetwork
from greenlm_edu.lm.transformer import Transformer
from greenlm_edu.lm.weights_file import load_model
from greenlm_edu.lm.windows import every_window, random_windows
from greenlm_edu.lm.words import WordTokenizer

__all__ = [
    "Beam",
    "Block",
    "BytePairTokenizer",
    "CharacterTokenizer",
    "CrossAttention",
    "EncoderDecoder",
    "FeedForward",
    "InterpolatedNGram",
    "KneserNey",
    "LSTMNetwork",
    "LanguageModel",
    "LearnedPositions",
    "MultiHeadAttention",
    "NGram",
    "NeuralNGram",
    "PlainBytePairTokenizer",
    "Scores",
    "SinusoidalPositions",
    "TiedHead",
    "TokenEmbedding",
    "Tokenizer",
    "TrainedNetwork",
    "TrainingHistory",
    "Transformer",
    "WordTokenizer",
    "attend",
    "beam_search",
    "draw",
    "evaluate",
    "every_window",
    "exact_match",
    "generate",
    "hugging_face",
    "load_gpt2",
    "load_model",
    "padded",
    "planned_steps",
    "random_windows",
    "reach",
    "rotate",
    "rouge",
    "save_gpt2",
    "scores",
    "teacher_forced",
    "token_f1",
    "token_probabilities",
    "train",
    "train_pairs",
    "training_optimizer",
]
