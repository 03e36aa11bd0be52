using OpenCharly.PowerShell.HelpBuild;

if (args is not [var folder, var output])
{
    Console.Error.WriteLine("usage: OpenCharly.PowerShell.HelpBuild PAGES-FOLDER OUTPUT-FILE");
    return 2;
}

try
{
    var pages = Directory.GetFiles(folder, "*-*.md").Order(StringComparer.Ordinal).Select(file => PageReader.Read(file, File.ReadAllText(file))).ToArray();
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    MamlWriter.Write(pages).Save(output);
    Console.WriteLine($"{pages.Length} help pages -> {output}");
    return 0;
}
catch (HelpPageException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
