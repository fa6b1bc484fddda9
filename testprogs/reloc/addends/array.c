int array[10] = {[7] = 70};
