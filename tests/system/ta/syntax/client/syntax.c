/* The system tests stop before they build it. */
int main(void)
{
	return 0;
}
