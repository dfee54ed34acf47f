@rem A POSIX shell replaces itself with the program after exec. Here, the program is only run.
@%*
