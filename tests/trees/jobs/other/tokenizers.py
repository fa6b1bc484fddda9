import sys
sys.path.pop(0)
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.train_from_iterator(["low lower lowest new newer newest"] * 10, trainers.BpeTrainer(vocab_size=30, show_progress=False))
print(tokenizer.encode("lowest newest").tokens, normalizers.NFD().normalize_str("\u00e9").encode())
