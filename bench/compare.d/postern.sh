start_postern() { :; }
