param([Parameter(Mandatory)] [string] $Module)

Describe 'Projects' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        $broken = Join-Path $TestDrive 'broken'
        New-TestProject $broken
        Set-Content (Join-Path $broken 'candy/editor/charly.yml') @'
candy:
  version: 2026.163.0928
  name: editor
  pakage: [vim]
'@
        Push-Location $project
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'tell every problem with code, place and remedy' {
        $problem = Get-CharlyProblem $broken | Where-Object { $_.Code.Id -eq 'CND001' }
        $problem | Should -BeOfType OpenCharly.Foundation.Problem
        $problem.Help | Should -Be 'Did you mean "package"?'
        $problem.Position.File | Should -BeLike '*candy/editor/charly.yml'
        $problem.Position.Line | Should -Be 4
        $problem.Position.Column | Should -Be 3
    }

    It 'are tested with a plain answer, from the pipeline as well' {
        Get-Item $broken | Test-CharlyProject | Should -BeFalse
        New-Item -ItemType Directory (Join-Path $TestDrive 'fresh') | Push-Location
        Set-Content charly.yml 'version: 2026.163.0928'
        New-CharlyCandy weather | Out-Null
        Test-CharlyProject | Should -BeTrue
        Get-CharlyProblem | Should -BeNullOrEmpty
        Pop-Location
    }

    It 'that are not there are an error' {
        Get-CharlyProblem $TestDrive -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'CFG012,*'
        Test-CharlyProject (Join-Path $TestDrive nowhere) -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'file.not_found,*'
    }

    It 'list their candies as objects' {
        (Get-CharlyCandy).Name | Should -Be 'daemon', 'editor', 'greeting'
        (Get-CharlyCandy 'd*').Services[0].Exec | Should -Be '/bin/sleep 3600'
        'editor' | Get-CharlyCandy | ForEach-Object Packages | Should -Be 'vim'
        Get-CharlyCandy edtior -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'REF002,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Be 'Did you mean "editor"?'
    }

    It 'leave out a candy that can not be read, with a warning' {
        Push-Location $broken
        (Get-CharlyCandy -WarningVariable warning -WarningAction SilentlyContinue).Name | Should -Be 'daemon', 'greeting'
        "$warning" | Should -BeLike '*candy editor is left out*CND001*'
        Pop-Location
    }

    It 'get new candies, which never replace old ones' {
        New-CharlyCandy news -WhatIf
        Test-Path candy/news | Should -BeFalse
        $candy = 'news', 'sports' | New-CharlyCandy
        $candy.Name | Should -Be 'news', 'sports'
        Get-CharlyProblem | Where-Object { $_.Position.File -like '*/news/*' } | Should -BeNullOrEmpty
        New-CharlyCandy news -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'file.exists,*'
    }
}
