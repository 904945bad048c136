# ---- Panels: drawn once into nothing, all in one, for the ranges that they share ----
set terminal push
set terminal unknown
