/* A CUDA driver that has but one of the functions that nofade asks for: for tests alone. */
int cuInit(unsigned flags);
int cuInit(unsigned flags)
{
    return flags == 0 ? 0 : 1;
}
