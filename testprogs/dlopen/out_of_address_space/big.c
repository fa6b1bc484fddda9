char big[64 << 20];
